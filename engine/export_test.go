package engine

import "context"

// Again is New with the packs of an engine that is there: reading them takes most
// of the time of a test that makes hundreds of engines.
func Again(ctx context.Context, cfg Config, from *Engine) (*Engine, error) {
	return start(ctx, cfg, from.packs)
}
