"""Every setting of the service, in one typed place; each may be given as an environment variable GUILDHALL_<NAME>."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, IPvAnyNetwork, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

#: The checkout.
HOME = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Settings. There is no password among the defaults: secrets are made at the first start (secret_files.py)."""

    model_config = SettingsConfigDict(env_prefix="GUILDHALL_", extra="ignore", frozen=True)

    var: Path = Field(
        default=HOME / "var", description="State of this checkout: database, logs, secrets, generated files"
    )
    recordings: Path = Field(default=HOME / "recordings" / "audio", description="Where the audio of calls is kept")
    originals_for_s: float = Field(
        default=300.0,
        ge=0,
        le=7 * 86400,
        description="Seconds the PBX's unencrypted files stay in that folder after the vault was read back; 0: none",
    )
    transcripts: bool = Field(
        default=False, description="Write down what was said in recordings, sealed beside them; takes the speech models"
    )
    least_free_gb: float = Field(
        default=2.0, ge=0, description="Free GB on the recordings' disk below which there is an alarm"
    )
    dialplans: Path = Field(default=HOME / "dialplans", description="The councils' flows, queues and people")
    cache: Path = Field(
        default=Path.home() / ".cache" / "guildhall",
        description="Downloads shared by all checkouts: the PBX's root filesystem, the speech models",
    )
    bind: str = Field(
        default="127.0.0.1", description="Address Asterisk listens on for SIP; loopback unless you say otherwise"
    )
    trunk_from: tuple[str, ...] = Field(
        default=("127.0.0.2",), description="Source addresses of the trunk, as JSON list; no agent may use one of them"
    )
    trunk_out: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9.-]{1,200}:[0-9]{1,5}$",
        description="host:port where the trunk takes our calls; without it nobody outside is rung",
    )
    desk_hosts: tuple[str, ...] = Field(
        default=(), description="Names a TLS proxy gives the desk's pages, as JSON list, beside 127.0.0.1 and localhost"
    )
    lookup_networks: tuple[IPvAnyNetwork, ...] = Field(
        default=(), description="Networks that are not public and verb lookup may ask all the same, as JSON list"
    )
    callback_rest_s: int = Field(
        default=300, ge=1, le=86400, description="Whole seconds between two tries to ring a resident back"
    )
    phone_silence_s: int = Field(
        default=30,
        ge=2,
        le=600,
        description="Whole seconds without a packet after which an agent's phone counts as dead in a talk, and its "
        "caller waits again; longer than the pauses of phones that suppress silence",
    )
    phone_gone_s: float = Field(
        default=0.8,
        ge=0.5,
        le=60,
        description="Seconds without a packet after which an agent's phone that answers no more counts as dead in a "
        "talk; more where home workers' lines are cut for seconds at a time",
    )
    sip_port: int | None = Field(default=None, description="Fixed SIP port; otherwise 5060 or the next free one")
    database_url: str | None = Field(default=None, description="SQLAlchemy URL; default: SQLite in var/")
    mqtt_url: SecretStr | None = Field(default=None, description="mqtt://user:password@host:port; no MQTT when absent")
    vault_url: SecretStr | None = Field(
        default=None, description="s3://ACCESS:SECRET@host:port/bucket: sealed recordings there; default: var/vault"
    )
    recordings_hsm: str | None = Field(
        default=None,
        description="Master keys in a device: pkcs11:token=NAME;object=LABEL?module-path=/….so&pin-source=file:/…",
    )
    reload_on_edit: bool = Field(
        default=True, description="Publish by itself when a file under the councils' folder was edited"
    )
    speech_workers: int = Field(
        default=2, ge=0, le=16, description="Processes of the default recogniser, 320 MB each; 0: no speech"
    )
    speech_patience: float = Field(
        default=1.5, gt=0, le=30, description="Seconds a recogniser may take; then the other one, or the keys"
    )
    log_level: str = Field(default="info", description="debug, info, warning or error")
    show_pii: bool = Field(
        default=False, description="Write personal fields into the log in clear text (never in production)"
    )

    fallback_after_s: int = Field(
        default=12,
        ge=6,
        le=600,
        description="Seconds without a sign of the engine after which waiting callers go to Asterisk's own app_queue",
    )

    engine_still_s: int = Field(
        default=60,
        ge=30,
        le=3600,
        description="Seconds without a sign of life after which an engine that stands still is ended and started again",
    )

    @property
    def store_url(self) -> str:
        """The database in force."""
        return self.database_url or f"sqlite+aiosqlite:///{self.var / 'guildhall.db'}"

    @property
    def models(self) -> Path:
        """Speech models, fetched by ``make setup``."""
        return self.cache / "models"

    @property
    def run(self) -> Path:
        """Pids, ports and the engine's door."""
        return self.var / "run"

    @property
    def secrets(self) -> Path:
        """One file a secret, mode 0600."""
        return self.var / "secrets"

    @property
    def pins(self) -> Path:
        """One file a council: the PIN of its hours' line, mode 0600."""
        return self.var / "pins"

    @property
    def logs(self) -> Path:
        """The engine's log; Asterisk's is under var/pbx/log."""
        return self.var / "log"

    @property
    def sounds(self) -> Path:
        """Rendered prompts and hold music."""
        return self.var / "sounds"

    @property
    def versions(self) -> Path:
        """Every version of the councils' files, and the journal of what was published."""
        return self.var / "versions"

    @property
    def sign_of_life(self) -> Path:
        """Touched by the engine each second, watched by the keeper."""
        return self.run / "engine.life"

    @property
    def queue_log(self) -> Path:
        """Asterisk's own record of calls that ended."""
        return self.var / "pbx" / "log" / "queue_log"

    @property
    def control(self) -> Path:
        """The engine's door for the command line."""
        return self.run / "engine.sock"


def wrong_settings(error: ValueError) -> str | None:
    """A sentence on settings that cannot be read; None: not about them. The value is left out: it may be a password."""
    if isinstance(error, SettingsError):
        # pydantic-settings: error parsing value for field "trunk_from" from source "EnvSettingsSource"
        name = str(error).partition('"')[2].partition('"')[0]
        return f'GUILDHALL_{name.upper()} cannot be read: it takes a JSON list, such as ["127.0.0.2"]'
    if not isinstance(error, ValidationError):
        return None
    wrong = error.errors(include_url=False, include_input=False)
    return "; ".join(f"GUILDHALL_{'_'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in wrong)


#: Where Asterisk sees ``Settings.sounds``.
PBX_SOUNDS = "/srv/guildhall/sounds"
