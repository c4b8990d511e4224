package sqlite

import "context"

// Waiting is how many requests wait to be taken by the writer.
func (db *DB) Waiting() int { return len(db.queue) }

// Hold keeps the writer busy until free is called, so that requests pile up.
func (db *DB) Hold() (free func()) {
	entered, release, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- db.write(context.Background(), 0, false, func(*txn) error {
			close(entered)
			<-release
			return nil
		})
	}()
	<-entered
	return func() {
		close(release)
		<-done
	}
}

// OnWriter runs a query that returns one value on the writing connection.
func (db *DB) OnWriter(ctx context.Context, query string) (value string, err error) {
	err = db.write(ctx, 0, false, func(t *txn) error {
		return t.check(db.writer.conn.QueryRowContext(ctx, query).Scan(&value))
	})
	return value, err
}
