package paging

import (
	"encoding/json"
	"fmt"
)

// Decode reads the event of a page's record.
func Decode(kind string, data []byte) (any, error) {
	switch kind {
	case OpenedKind:
		return decoded[Opened](data)
	case StartedKind:
		return decoded[Started](data)
	case HandedKind:
		return decoded[Handed](data)
	case FailedKind:
		return decoded[Failed](data)
	case AcknowledgedKind:
		return decoded[Acknowledged](data)
	case EndedKind:
		return decoded[Ended](data)
	}
	return nil, fmt.Errorf("paging: unknown kind %q", kind)
}

func decoded[E any](data []byte) (any, error) {
	var e E
	err := json.Unmarshal(data, &e)
	return e, err
}
