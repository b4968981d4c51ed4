// A module with nothing in it.
export const nothing = undefined;
