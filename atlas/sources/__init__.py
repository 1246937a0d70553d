"""Builds ``layers/`` from published data packages and fact tables; the app never imports it."""
