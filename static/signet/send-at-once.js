// The answer to a client that wants it by form (OAuth 2.0 Form Post Response Mode): sent without a click.
document.querySelector("form[data-send-at-once]").submit();
