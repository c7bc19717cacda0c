"""Where the engine's two links lead: to the PBX's event port, and to a broker where one is configured."""

from __future__ import annotations

from urllib.parse import urlsplit

from adapters.asterisk.ami_link import AmiSettings
from adapters.asterisk.pbx_conf import AMI_EVENTS, PbxSettings
from adapters.bus.mqtt import MqttSettings
from guildhall.settings import Settings
from kernel.errors import BadInput


def mqtt_settings(settings: Settings) -> MqttSettings | None:
    """The broker, None when there is none. Raises ``BadInput`` for a URL that is not one."""
    if settings.mqtt_url is None:
        return None
    parts = urlsplit(settings.mqtt_url.get_secret_value())
    if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname:
        raise BadInput("bad_mqtt_url", "GUILDHALL_MQTT_URL reads mqtt://user:password@host:port, or mqtts:// for TLS")
    tls = parts.scheme == "mqtts"
    return MqttSettings(
        host=parts.hostname,
        port=parts.port or (8883 if tls else 1883),
        user=parts.username,
        password=parts.password,
        tls=tls,
    )


def ami_settings(pbx: PbxSettings) -> AmiSettings:
    """The PBX's event port."""
    return AmiSettings(
        host="127.0.0.1",
        port=pbx.ami_port,
        user=pbx.ami_user,
        secret=pbx.ami_secret,
        wanted_events=frozenset(AMI_EVENTS),
    )
