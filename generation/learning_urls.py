"""Addresses of the learning pages."""

from django.urls import URLPattern, path

from generation.views import learning, learning_results

patterns: list[URLPattern] = [
    path("learning/", learning.learning_sets, name="learning_sets"),
    path("learning/sets/new/", learning.learning_set_new, name="learning_set_new"),
    path("learning/sets/<int:pk>/", learning.learning_set, name="learning_set"),
    path("learning/sets/<int:pk>/keep/", learning.learning_set_keep, name="learning_set_keep"),
    path("learning/sets/<int:pk>/download/", learning.learning_set_download, name="learning_set_download"),
    path("learning/runs/", learning.learning_trainings, name="learning_trainings"),
    path("learning/runs/new/", learning.learning_training_new, name="learning_training_new"),
    path("learning/runs/<int:pk>/", learning.learning_training, name="learning_training"),
    path("learning/runs/<int:pk>/again/", learning.learning_training_again, name="learning_training_again"),
    path("learning/jobs/<int:pk>/cancel/", learning.learning_job_cancel, name="learning_job_cancel"),
    path("learning/jobs/<int:pk>/again/", learning.learning_job_again, name="learning_job_again"),
    path("learning/evaluations/", learning_results.learning_evaluations, name="learning_evaluations"),
    path("learning/evaluations/compare/", learning_results.learning_compare, name="learning_compare"),
    path("learning/evaluations/<int:pk>/", learning_results.learning_evaluation, name="learning_evaluation"),
    path(
        "learning/evaluations/<int:pk>/promote/", learning_results.learning_promote, name="learning_promote"
    ),
    path("learning/evaluations/<int:pk>/try/", learning_results.learning_try_out, name="learning_try_out"),
    path("learning/use/", learning_results.learning_use, name="learning_use"),
    path("learning/use/roll-back/", learning_results.learning_roll_back, name="learning_roll_back"),
    path("learning/customers/<int:pk>/", learning_results.learning_person, name="learning_person"),
]
