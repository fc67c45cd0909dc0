"""Addresses of the shop pages."""

from django.urls import path

from shop.views import customers, demo, products

app_name = "shop"
urlpatterns = [
    path("products/", products.product_list, name="product_list"),
    path("products/new/", products.product_new, name="product_new"),
    path("products/<int:pk>/", products.product_detail, name="product_detail"),
    path("products/<int:pk>/edit/", products.product_edit, name="product_edit"),
    path("products/<int:pk>/retire/", products.product_retire, name="product_retire"),
    path("products/<int:pk>/reactivate/", products.product_reactivate, name="product_reactivate"),
    path("customers/", customers.customer_list, name="customer_list"),
    path("customers/<int:pk>/", customers.customer_detail, name="customer_detail"),
    path("demo/", demo.demo, name="demo"),
]
