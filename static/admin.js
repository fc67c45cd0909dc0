"use strict";
// The administration follows the theme chosen on the site, which a cookie keeps; read before the first paint.
const theme = document.cookie.split("; ").find((part) => part.startsWith("theme="));
document.documentElement.dataset.theme = theme ? theme.slice(6) : "auto";
