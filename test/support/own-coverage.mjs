// Coverage is measured in this process only: what V8 counts in child processes cannot be added up with it.
delete process.env.NODE_V8_COVERAGE
