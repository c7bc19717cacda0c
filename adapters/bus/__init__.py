"""The bus: facts to whoever listens, inside the process and, where a broker is configured, over MQTT."""
