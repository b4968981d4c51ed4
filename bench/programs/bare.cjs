// A command without telemetry.
process.exit(0);
