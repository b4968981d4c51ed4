/** What stands below the engine's own help: what this command adds. */
export const addedHelp = {
  install: `
With codegraph-telemetry:
  --telemetry <on|off|local>  answer the question about telemetry beforehand: share,
                              count nothing, or count for yourself. It never loosens
                              a choice that is stored. --yes alone answers nothing.

On a terminal it asks, and writes nothing before the last answer; Ctrl-C leaves everything
as it was and exits with 130. Ctrl-C at the question about telemetry is a no.
`,
  uninstall: `
With codegraph-telemetry:
  --remove-cli                remove the engine's command as well. Without it the
                              command stays, whatever else is removed.

On a terminal it asks, and offers to delete what telemetry has stored.
`,
};
