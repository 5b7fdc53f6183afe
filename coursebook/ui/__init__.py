"""The pages. Texts are in `i18n/`, styles in `kit/`, behaviour in `states/`."""
