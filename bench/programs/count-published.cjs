// A command that the published client counts, and that ends at once.
const { getTelemetry } = require(process.argv[2] ?? '');
getTelemetry().recordUsage('cli_command', 'query', true);
process.exit(0);
