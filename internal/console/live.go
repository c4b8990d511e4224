package console

import (
	"fmt"
	"net/http"
	"time"

	"tocsin/view"
)

// live tells an open page that something has happened, and every few seconds that
// the line still stands. It says nothing of what: the page asks for itself again,
// and is shown what this person may see.
//
// The events are: "locked", when the session waits for its person, "moved", when the record has grown, with its new length as data
// and id; and "beat", with the server's time, by which a page knows that it still
// hears the server and how far its own clock is off.
func (c *Console) live(v *visit) error {
	conn := http.NewResponseController(v.w)
	_ = conn.SetReadDeadline(time.Time{}) // a stream outlives the deadlines of a request
	v.w.Header().Set("Content-Type", "text/event-stream")
	v.w.Header().Set("X-Accel-Buffering", "no")
	beat := time.NewTicker(c.cfg.Beat)
	defer beat.Stop()
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	shown := int64(-1)
	if !c.tell(v, conn, "retry: 2000\n") || !c.beat(v, conn) {
		return nil
	}
	for {
		changed := c.cfg.Store.Changed()
		if err := c.cfg.Engine.Follow(v.ctx()); err != nil {
			return nil // the page notices that the line has gone, and says so
		}
		var at int64
		c.cfg.Engine.Read(func(x *view.Index) { at = x.Length(v.by) })
		if at != shown {
			shown = at
			if !c.tell(v, conn, fmt.Sprintf("id: %d\nevent: moved\ndata: %d\n\n", at, at)) {
				return nil
			}
		}
		select {
		case <-v.ctx().Done():
			return nil
		case <-c.drained:
			return nil
		case <-changed:
		case <-poll.C:
		case <-beat.C:
			s, ok, err := c.cfg.Sessions.Who(v.r)
			if err == nil && ok && s.In != nil && s.In.Locked != "" {
				c.tell(v, conn, "event: locked\ndata: "+s.In.Locked+"\n\n")
				return nil
			}
			if err != nil || !ok || !c.beat(v, conn) {
				return nil
			}
		}
	}
}

const (
	pollEvery   = time.Second // for what other processes write
	writeWithin = 30 * time.Second
)

func (c *Console) beat(v *visit, conn *http.ResponseController) bool {
	return c.tell(v, conn, "event: beat\ndata: "+c.cfg.Engine.Now().Format(time.RFC3339Nano)+"\n\n")
}

func (c *Console) tell(v *visit, conn *http.ResponseController, text string) bool {
	_ = conn.SetWriteDeadline(time.Now().Add(writeWithin))
	if _, err := v.w.Write([]byte(text)); err != nil {
		return false
	}
	return conn.Flush() == nil
}
