// Starts Swagger UI. What it shows stands in the page: nothing is taken from the address, nothing is kept.
"use strict";

const place = document.getElementById("swagger-ui");
const darkness = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", darkness.matches);
darkness.addEventListener("change", follow);
follow();

// A call without a credential in its headers is made with the sign-in's cookie, and then needs the page's token.
const addToken = (request) => {
  const sent = new Set(Object.keys(request.headers ?? {}).map((name) => name.toLowerCase()));
  const ours = new URL(request.url, location.href).origin === location.origin;
  if (ours && !["authorization", "x-owox-authorization", "x-csrftoken"].some((name) => sent.has(name))) {
    request.headers = {...request.headers, "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content};
  }
  return request;
};

SwaggerUIBundle({
  domNode: place,
  url: place.dataset.description,
  queryConfigEnabled: false,
  persistAuthorization: false,
  deepLinking: false,
  validatorUrl: "none",
  requestInterceptor: addToken,
});
