"""Profiles and jobs: YAML in, checked settings out; the only place that knows YAML, and the core never imports it."""
