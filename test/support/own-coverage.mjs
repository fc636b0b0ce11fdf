// Coverage is measured in this process only: what V8 counts in child processes cannot be added up with it. Nor can what it counts
// in two copies of one module, and there would be two where Mocha requires a test and the package imports lazily.
if (process.env.NODE_V8_COVERAGE) Object.defineProperty(process.features, 'require_module', { value: false })
delete process.env.NODE_V8_COVERAGE
