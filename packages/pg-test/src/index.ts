export { startPostgres, type TestServer, type TestServerOptions } from './test-server.ts'
