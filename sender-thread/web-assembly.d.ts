// Node has it; its types declare only the names, not the functions.
declare namespace WebAssembly {
  function compile(bytes: Uint8Array): Promise<Module>;
}
