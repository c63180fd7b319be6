"""The window onto the terminals: prices and a doorbell go out over MQTT, presence comes in. Never an authority."""
