package source

import (
	"slices"
	"time"

	"github.com/imgtui/imgtui/model"
)

// maxRows is how many rows and layers of one image are taken from an engine.
const maxRows = 1000

// missingID is what an engine calls an image that it does not have.
const missingID = "<missing>"

// historyRow is a row of an engine's history.
type historyRow struct {
	ID        string `json:"Id"`
	Created   int64  // seconds since 1970
	CreatedBy string
	Comment   string
	Size      int64
}

// configRow is a row of an image config's history.
type configRow struct {
	Created    string `json:"created,omitempty"`
	CreatedBy  string `json:"created_by,omitempty"`
	Comment    string `json:"comment,omitempty"`
	EmptyLayer bool   `json:"empty_layer,omitempty"`
}

// oldestFirst turns an engine's history around.
func oldestFirst(rows []historyRow) []historyRow {
	slices.Reverse(rows)
	return rows
}

// configRows says in the words of an image config what an engine's rows say.
func configRows(rows []historyRow, layered []bool) []configRow {
	all := make([]configRow, len(rows))
	for i, r := range rows {
		all[i] = configRow{
			Created:    time.Unix(r.Created, 0).UTC().Format(time.RFC3339),
			CreatedBy:  r.CreatedBy,
			Comment:    r.Comment,
			EmptyLayer: !layered[i],
		}
	}
	return all
}

// tell gives a step what only an engine knows: what it calls the image after
// the step, and the size that it prints.
func (r historyRow) tell(s *model.Step) {
	if r.ID != missingID {
		s.ID = r.ID
	}
	if s.Layer != nil {
		s.Layer.Unpacked = r.Size
	}
}
