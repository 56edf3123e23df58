// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package release_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// The example module passes its own tests, and they leave nothing behind.
func TestModule(t *testing.T) {
	t.Parallel()
	omni := acctest.StartOmni(t, omnimock.Options{EnvironmentList: true})
	session := omni.Session(t)
	copyModule(t, session)
	session.Run("init")
	output := session.Run("test")
	if !regexp.MustCompile(`Success! 4 passed, 0 failed\.`).MatchString(output) {
		t.Errorf("the tests say\n%s", output)
	}
	made := 0
	for _, w := range omni.Writes() {
		if strings.HasPrefix(w, "POST connections ") && strings.Contains(w, `"dialect"`) {
			made++
		}
	}
	if made != 4 {
		t.Errorf("%d connections were made, want 4: none is replaced for a new environment", made)
	}
	if n := omni.CountRequests("POST", "/api/v1/connections/*/schedules"); n != 1 {
		t.Errorf("the schedule of the new base took %d tries, want 1", n)
	}
	if left := omni.Names(); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	if !omni.ReceivedSecret("a fourth") {
		t.Error("the password of the environment that was added was not sent")
	}
}

// copyModule copies the example module into the session's folder.
func copyModule(t *testing.T, session *acctest.Session) {
	t.Helper()
	if err := os.CopyFS(session.Dir, os.DirFS(filepath.Join(root, "examples", "modules", "omni-environments"))); err != nil {
		t.Fatal(err)
	}
}
