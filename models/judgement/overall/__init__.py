"""The support category: what school data add, the override, hysteresis, guard and calibration."""
