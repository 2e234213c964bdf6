// The token stays in this page: it is neither stored nor sent anywhere but to this server.
'use strict';

const token = document.getElementById('token');
const group = document.getElementById('group');
const message = document.getElementById('message');

function authorized(request) {
  if (token.value && new URL(request.url, location.href).origin === location.origin) {
    request.headers = Object.assign({}, request.headers, {Authorization: 'Bearer ' + token.value});
  }
  return request;
}

function show() {
  SwaggerUIBundle({
    url: group.value,
    dom_id: '#swagger-ui',
    deepLinking: false,
    validatorUrl: null,
    requestInterceptor: authorized,
  });
}

document.getElementById('access').addEventListener('submit', async event => {
  event.preventDefault();
  const answer = await fetch('/openapi/v3', authorized({url: '/openapi/v3', headers: {Accept: 'application/json'}}));
  if (!answer.ok) {
    message.textContent = 'The server answered ' + answer.status + '.';
    return;
  }
  message.textContent = '';
  const paths = (await answer.json()).paths;
  group.replaceChildren(...Object.keys(paths).sort().map(path => {
    const option = document.createElement('option');
    option.textContent = path;
    option.value = paths[path].serverRelativeURL;
    return option;
  }));
  show();
});
group.addEventListener('change', show);
