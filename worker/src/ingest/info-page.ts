/** `GET /`: for whoever finds this address in a firewall log. */
export const infoPage = `This is where codegraph sends its usage telemetry.

What arrives: how often which codegraph command or MCP tool was used on a day and how often it
failed; names of programming languages and size classes of indexed projects; which agents were set
up; the version of codegraph, operating system, processor and Node; a random id that stands for the
installation. No code, no paths, no file or project names, no queries, no arguments, no results.
The exact list: GET /v1/schema.json

What is checked here: every report is held against that list again. What is not on it is dropped,
an unknown name becomes "other", and only the day of an event is kept, no time of day. Before
anything is stored, the id is replaced by a keyed hash that changes every month.

What becomes of it: counts by week and month, published for everyone at /stats, with nothing in
them that fewer than 50 machines share.

Your address: this program does not read, log or pass on the address a report comes from. The
network that carries the report, Cloudflare, necessarily handles it.

To turn it off, any one of these is enough:

  codegraph telemetry off        for this user, for good; also deletes what is stored
  DO_NOT_TRACK=1                 in the environment
  CODEGRAPH_TELEMETRY=0          in the environment
  --no-telemetry                 on the command line, also in an MCP configuration
  /etc/codegraph/telemetry.json  a policy file, for all users of a machine
                                 (on Windows: %ProgramData%\\codegraph\\telemetry.json)

To look first: "codegraph telemetry status" says what is on and what decided it.
`;
