"""The loaders that ship with the library: one module, or one small package, per code system."""
