// Written by scripts/build-lua.js. Change the Lua files and run `npm run generate`.
export {}
