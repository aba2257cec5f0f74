"""Interactive demos: one Python class and one ES module each, with a static picture where nothing is live."""
