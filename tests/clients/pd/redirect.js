// Why: `pd` knows only api.pagerduty.com. Preloaded into it, this sends what goes there to Muster; the program itself stays as it is published.
'use strict';
const tls = require('tls');
const {MUSTER} = process.env;
const target = new URL(MUSTER);
const connect = tls.connect;

tls.connect = function (options, ...others) {
    const host = options && (options.servername || options.host);
    if (typeof host === 'string' && host.endsWith('.pagerduty.com'))
        options = {...options, host: target.hostname, port: Number(target.port)};
    return connect.call(tls, options, ...others);
};
