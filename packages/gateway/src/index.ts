export type { EngineOverrides, GatewayEngine, RedisConnection } from './app/engine.ts'
export { createGateway, type Gateway } from './app/gateway.ts'
export {
  type Allowance,
  type AppConfig,
  defineConfig,
  type FrontProxy,
  type GatewayConfig,
  type IdentityField,
  type OidcConfig,
  type RuleConfig,
  type TimeoutsConfig,
} from './config/config.ts'
export type { PresetName } from './config/presets.ts'
export type { AppSettings, GatewaySettings } from './config/settings.ts'
