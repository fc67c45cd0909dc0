"""Addresses of the shop pages."""

from django.urls import path

from shop.views import customers, demo, imports, products

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
    path("customers/<int:pk>/erase/", customers.customer_erase, name="customer_erase"),
    path("customers/<int:pk>/export/", customers.customer_export, name="customer_export"),
    path("data/", imports.import_list, name="import_list"),
    path("data/new/", imports.import_new, name="import_new"),
    path("data/examples/<slug:kind>.csv", imports.import_example, name="import_example"),
    path("data/<uuid:pk>/", imports.import_detail, name="import_detail"),
    path("data/<uuid:pk>/columns/", imports.import_columns, name="import_columns"),
    path("data/<uuid:pk>/policies/", imports.import_policies, name="import_policies"),
    path("data/<uuid:pk>/check/", imports.import_check, name="import_check"),
    path("data/<uuid:pk>/apply/", imports.import_apply, name="import_apply"),
    path("data/<uuid:pk>/undo/", imports.import_undo, name="import_undo"),
    path("data/<uuid:pk>/cancel/", imports.import_cancel, name="import_cancel"),
    path("data/<uuid:pk>/discard/", imports.import_discard, name="import_discard"),
    path("data/<uuid:pk>/rejected.csv", imports.import_rejected, name="import_rejected"),
    path("demo/", demo.demo, name="demo"),
]
