"""What the commands in the documentation stand on when they are run: EXTEND HERE when a page gets a new command.

A page's fenced `sh` blocks are run in order, command by command, in a folder that looks like a clone of the repository. A command
that serves (`token_service --…`, `xrpc_shim --…`) is started on free ports and left running; every other must exit with 0.
"""

# Names for what a reader has and a test has not, in the order in which they are replaced: (text, name of a method of World).
PLACEHOLDERS = [
    ("/var/lib/token_service", "store"),
    ("/var/backups/token_service", "backups"),
    ("/etc/token_service", "etc"),
    ("dpwt_…", "new_token"),
    ('"TOKEN"', "quoted_last_token"),
    ('"0123…"', "quoted_token_id"),
    ("did:plc:…", "did_with_token"),
    ("HOST:50051", "grpc"),
    ("127.0.0.1:50051", "grpc"),
    ("localhost:50051", "grpc"),
    ("tokens.internal:50051", "grpc"),
    ("127.0.0.1:50052", "health"),
    ("127.0.0.1:8080", "http"),
    ("/usr/local/bin", "bin"),
]

# The methods among these that are about a running token_service.
OF_A_SERVICE = ["new_token", "quoted_last_token", "quoted_token_id", "did_with_token", "grpc"]

# What is said besides the command's exit code: (part of a command, pattern in what it prints).
EXPECTED = [
    ("mintWidgetToken", r'"token":\s*"dpwt_'),
    ("TokenService/Validate", r'"active"'),
    ("TokenService/Revoke", r'"revoked_count": 1'),
    ("TokenService/ListTokens", r'"tokens"'),
    ("describe didpic.token.v1.TokenService", r"rpc Validate"),
    ("AdminService/SetAccountStatus", r"\{"),
    ("AdminService/GetAccount", r'"status"'),
    ("AdminService/DescribeClient", r"steps"),
    ("AdminService/DiscoverServer", r"steps"),
    ("AuditService/Export", r'"action": "MINT"'),
    ("verify-audit", r"the audit holds"),
    ("AdminService/CreateBackup", r'"backup_id"'),
    ("token_service restore", r"restored backup 1"),
    ("token_service verify -", r"no fault"),
    ("Health/Check", r'"SERVING"'),
    ("/xrpc/_health", r"200 OK"),
]

# Flags that the programs of a page are given besides those on the page, so that what it says of other set-ups holds here.
MORE_FLAGS = {"token_service": ["--fetch_identity", "--audit_checkpoint_interval=1s"], "xrpc_shim": []}

# What stands for /var/lib/token_service in commands for a program that is not running: (part of a command, method of World).
# Everywhere else it is the directory of the running program.
OFFLINE = [
    ("token_service verify-audit", "copy_of_store"),
    ("mv /var/lib/token_service", "stopped_store"),
    ("token_service restore", "stopped_store"),
    ("token_service verify --store", "stopped_store"),
]

# Commands that are not run here: (part of a command, why).
NOT_RUN = [
    ("scripts/server", "installs and builds; .ci/run runs it"),
    ("scripts/test", "runs this test"),
    ("scripts/setup", "installs packages; .ci/run runs it"),
    ("cmake --preset", "what this test tests was built so"),
    ("scripts/container/build", "helm.container_test builds the image"),
    ("helm upgrade", "needs a cluster; helm.readme_test renders it, helm.programs_test runs what it renders"),
    ("helm get values", "needs a cluster"),
    ("helm template", "helm.programs_test runs the Job that this makes"),
    ("kubectl", "needs a cluster; helm.programs_test runs what it starts"),
    ("helm test", "needs a cluster; helm.programs_test runs its pod"),
]

# How the programs that a page finds running were started: by the page itself, or as scripts/server does.
PAGES_WITH_THEIR_OWN_PROGRAMS = ["docs/operations.md"]
