'use strict';
const { openEngineTelemetry } = require('codegraph-telemetry/engine');
const { version } = require('../../package.json');

module.exports = openEngineTelemetry({ version });
