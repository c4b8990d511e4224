package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"tocsin"
	"tocsin/view"
)

// exerciseFile marks a data directory as that of an exercise. A record is one or
// the other for ever: warnings that were drilled must never go out because a
// line of the configuration changed, and real ones must never stay here.
func exerciseFile(dir string) string { return filepath.Join(dir, "EXERCISE") }

func isExercise(dir string) (bool, error) {
	_, err := os.Stat(exerciseFile(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// exercise holds the configuration to what the data directory is, and marks a
// record that is new to cases as that of an exercise.
func (i *installation) exercise() error {
	marked, err := isExercise(i.cfg.Data)
	if err != nil || marked == i.cfg.Exercise {
		return err
	}
	if marked {
		return tocsin.Faultf(tocsin.Refused, "exercise_record", "Set exercise: true, or use another data directory.", "The record in %s is that of an exercise, and the configuration does not say so.", i.cfg.Data)
	}
	used := false
	i.engine.Read(func(x *view.Index) { used = len(x.Order) > 0 || len(x.CaseOrder) > 0 || len(x.Quarantine) > 0 })
	if used {
		return tocsin.Faultf(tocsin.Refused, "real_record", "Take exercise out of the configuration, or use another data directory for the exercise.",
			"The record in %s holds reports or cases that are no exercise; in an exercise none of its warnings would go out.", i.cfg.Data)
	}
	return os.WriteFile(exerciseFile(i.cfg.Data), []byte("This record is that of an exercise. Nothing in it is real.\n"), 0o600)
}
