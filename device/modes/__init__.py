"""What a device is: one small file per mode, naming its flows, its idle screen and the devices it needs."""
