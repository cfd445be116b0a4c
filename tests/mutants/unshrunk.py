"""A pytest plugin: one example that fails is enough. Looking for the smallest one would take a minute for some mutants."""

from hypothesis import Phase, settings

settings.register_profile("unshrunk", phases=[Phase.explicit, Phase.generate])
settings.load_profile("unshrunk")
