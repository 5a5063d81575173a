"""All settings, read top to bottom. Every environment variable is read in the first section."""

from __future__ import annotations

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from portal import environment, keyfile

BASE_DIR = Path(__file__).resolve().parent.parent

# --- The environment -----------------------------------------------------------------------------

# First segments of the URL map: neither the admin nor a page that an editor makes may stand there.
PUBLIC_SEGMENTS = frozenset(
    [
        "articles",
        "cases",
        "complaint",
        "contact",
        "districts",
        "enquiry",
        "faq",
        "healthz",
        "jobs",
        "licences",
        "media",
        "preview",
        "prices",
        "readyz",
        "search",
        "services",
        "sitemap",
        "static",
        "takedown",
        "tools",
    ]
)
DATA_DIR = keyfile.data_dir()
DEBUG = environment.flag("DEBUG")
SECRET_KEY = environment.secret_key("SECRET_KEY", DATA_DIR, DEBUG)
# Keys of before, newest first: what they have signed or enciphered is still read.
SECRET_KEY_FALLBACKS = environment.texts("SECRET_KEY_FALLBACKS")

PORT = environment.port("PORT", 8000, least=1, example=8000)
BIND = environment.text("BIND", "127.0.0.1")
WEB_WORKERS = environment.number("WEB_WORKERS", 2, "进程数，例如 2", least=1)
site_address = environment.site_address("SITE_URL", f"http://127.0.0.1:{PORT}")
SITE_URL = site_address.geturl()
HTTPS = site_address.scheme == "https"
ALLOWED_HOSTS = environment.texts("ALLOWED_HOSTS") or sorted(
    {"127.0.0.1", "localhost", "[::1]", str(site_address.hostname)}
)
# From whom X-Forwarded-For is believed: a proxy on this machine. Anybody else could name any address.
TRUSTED_PROXIES = environment.networks("TRUSTED_PROXIES", "127.0.0.0/8,::1")
ADMIN_PATH = environment.admin_path("ADMIN_PATH", "admin", PUBLIC_SEGMENTS)
# Who may so much as see the login page of the desk; nothing: everybody.
ADMIN_ALLOWED_FROM = environment.networks("ADMIN_ALLOWED_FROM")

DATABASE = environment.database("DATABASE_URL", f"sqlite:///{DATA_DIR / 'db.sqlite3'}")
EMAIL = environment.mail("EMAIL_URL", "console://")
# What changes is told to search engines; without these, `prepare` leaves what the admin says as it is.
BAIDU_PUSH_SITE = environment.matching(
    "BAIDU_PUSH_SITE", r"(https?://)?[A-Za-z0-9.-]+(:[0-9]{1,5})?", "在百度登记的网址", SITE_URL
)
BAIDU_PUSH_TOKEN = environment.matching("BAIDU_PUSH_TOKEN", "[A-Za-z0-9]{8,64}", "百度给出的 token")
INDEXNOW_KEY = environment.matching(
    "INDEXNOW_KEY", "[A-Za-z0-9-]{8,128}", " 8 到 128 个字母、数字或“-”"
)

S3_BUCKET = environment.bucket("S3_BUCKET")
S3_ENDPOINT = environment.matching(
    "S3_ENDPOINT",
    r"https?://[^\s/]+/?",
    "对象存储的网址，例如 https://oss-cn-shenzhen.aliyuncs.com",
)
S3_REGION = environment.text("S3_REGION")
S3_ACCESS_KEY = environment.text("S3_ACCESS_KEY")
S3_SECRET_KEY = environment.text("S3_SECRET_KEY")
S3_ADDRESSING = environment.matching(
    "S3_ADDRESSING", "auto|path|virtual", " auto、path 或 virtual", "auto"
)
BACKUP_DIR = Path(environment.text("BACKUP_DIR") or DATA_DIR / "backups").absolute()
# So many of the newest nightly ones stay; 0: none is made by itself.
BACKUP_KEEP = environment.number("BACKUP_KEEP", 7, "份数，例如 7；0 表示不自动备份", least=0)
BACKUP_TO_S3 = environment.flag("BACKUP_TO_S3")
if BACKUP_TO_S3 and not S3_BUCKET:
    raise ImproperlyConfigured("环境变量 BACKUP_TO_S3 要求同时设置 S3_BUCKET。")

LOG_FORMAT = environment.matching("LOG_FORMAT", "line|json", " line 或 json", "line")
# Statements that take longer are written down; 0: none.
SLOW_QUERY_MS = environment.number("SLOW_QUERY_MS", 500, "毫秒数，例如 500")
# Where Prometheus reads, on this machine alone; 0: nothing is counted.
METRICS_PORT = environment.port("METRICS_PORT", 0, least=0, example=9108)

# --- Applications and middleware -----------------------------------------------------------------

INSTALLED_APPS = [
    "portal.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",  # for templates of allauth
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "cabinet",
    "imagefield",
    "django_prose_editor",
    "taggit",
    "portal.apps.PortalConfig",
    "portal.cms",
    "articles",
    "staffing",
]
MIDDLEWARE = [
    "portal.middleware.head.HeadMiddleware",
    "portal.middleware.headers.HeadersMiddleware",
    "portal.middleware.door.DoorMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.middleware.outage.OutageMiddleware",
    "portal.middleware.due.DueChangesMiddleware",
]
ROOT_URLCONF = "portal.urls"
# The site stands at the root. gunicorn would believe a header of that name from a proxy on this machine.
FORCE_SCRIPT_NAME = ""
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.chrome",
            ],
        },
    }
]
CACHES = {
    # Limits of signing in, which are to hold for all processes and nodes; allauth knows no other place.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cms_cache",
        # Beyond this, what goes is anybody's: a flood must not push out whose tries are counted, nor
        # which codes were used (`portal.cms.signing_in.forms`).
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # What {% cache %} keeps (Django looks for this name).
    # With DEBUG nothing is kept, so that a changed template shows at once.
    "template_fragments": {
        "BACKEND": "django.core.cache.backends.dummy.DummyCache"
        if DEBUG
        else "portal.cms.pagecache.fragments.EpochCache"
    },
}
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Data ----------------------------------------------------------------------------------------

DATABASES = {"default": DATABASE}
if DATABASE["ENGINE"] == "django.db.backends.sqlite3":
    DATABASE["OPTIONS"] = {
        # IMMEDIATE: a transaction that will write takes its lock at once; otherwise two that have
        # read and then want to write fail with «database is locked», whatever the time-out.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # WAL: readers never wait for a writer. FULL: what was answered as saved survives a power cut.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
    # Opening the file anew for each request takes longer than most pages. Not for ever: a file that was
    # put in its place is noticed within a minute.
    DATABASE["CONN_MAX_AGE"] = 60
else:
    # PostgreSQL thinks that a page read at random costs four in a row, as on turning disks, and reads
    # all texts rather than look up a long phrase in the index. `?options=…` in DATABASE_URL comes
    # first. A PgBouncer in between needs `ignore_startup_parameters = options`.
    DATABASE["OPTIONS"] = {
        "options": "-c random_page_cost=1.1",
        "connect_timeout": 5,
    } | DATABASE.get("OPTIONS", {})
    DATABASE["CONN_MAX_AGE"] = 60
    DATABASE["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Whole pages, kept by each worker for everybody who is not signed in: some two thousand.
PAGE_CACHE_BYTES = 40 * 1024 * 1024

MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
# CVs, scans, proofs: never under an address of their own (portal.cms.private).
PRIVATE_ROOT = DATA_DIR / "private"
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {
        "BACKEND": "portal.cms.media.bucket.Bucket"
        if S3_BUCKET
        else "django.core.files.storage.FileSystemStorage"
    },
    "private": {
        "BACKEND": "portal.cms.media.bucket.PrivateBucket"
        if S3_BUCKET
        else "portal.cms.private.storage.PrivateStorage"
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
FILE_UPLOAD_PERMISSIONS = 0o644
# Pictures travel as files, but without JavaScript a pasted text brings its own along, as data: large
# enough that 15 MB of them, a third longer as text, are not refused.
DATA_UPLOAD_MAX_MEMORY_SIZE = 48 * 1024 * 1024
# A service with a hundred questions has more than a thousand fields, which is Django's own limit.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
DATA_UPLOAD_MAX_NUMBER_FILES = 20

CABINET_FILE_MODEL = "cms.MediaFile"
IMAGEFIELD_BIN_DEPTH = 3

TAGGIT_CASE_INSENSITIVE = True
TAGGIT_TAGS_FROM_STRING = "articles.tags.parse"
TAGGIT_STRING_FROM_TAGS = "articles.tags.join"

# --- People --------------------------------------------------------------------------------------

AUTH_USER_MODEL = "cms.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "UserAttributeSimilarityValidator": {},
        "MinimumLengthValidator": {"min_length": 10},
        "CommonPasswordValidator": {},
        "NumericPasswordValidator": {},
    }.items()
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
ACCOUNT_ADAPTER = "portal.cms.signing_in.adapters.AccountAdapter"
ACCOUNT_FORMS = {"login": "portal.cms.signing_in.forms.LoginForm"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]  # of a page that is not routed
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reauthenticate": "10/m/user",
}
MFA_ADAPTER = "portal.cms.signing_in.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
DEFAULT_FROM_EMAIL = EMAIL.get("DEFAULT_FROM_EMAIL", f"webmaster@{site_address.hostname}")
vars().update({name: value for name, value in EMAIL.items() if name.startswith("EMAIL_")})
EMAIL_TIMEOUT = 10

# --- Language and time ---------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "portal" / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# --- Security: follows the scheme of SITE_URL ------------------------------------------------------

SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
# Scripts take the token from the form. Lax: a link in a mail still finds the reader signed in.
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "portal.cms.messages.MessageStorage"
CSRF_FAILURE_VIEW = "portal.views.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for sub-domains is the owner's decision: other hosts may still speak http
    "security.W021",  # likewise the browsers' preload list, which cannot be left again
]

# --- Log -----------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "portal.cms.seeing.logs.LineFormatter"},
        "json": {"()": "portal.cms.seeing.logs.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # Django mails errors to ADMINS by default; there are none, so errors must reach the console.
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        # Its warnings are 404s and 403s, which strangers cause all day.
        "django.request": {"level": "ERROR"},
        # Forms with too many fields, unknown hosts, missing tokens: answered with 400 or 403, and so is
        # a line of `portal.access`. A traceback for each would let strangers fill the disk.
        "django.security": {"level": "CRITICAL"},
        # One line a request, for programs that read them; people have nginx's. One a slow statement.
        "portal.access": {"level": "INFO" if LOG_FORMAT == "json" else "WARNING"},
        "portal.slow": {"level": "WARNING"},
    },
}
