package widget

// Window is a cursor in a list and the part of it that is in sight. The zero
// value stands on the first row.
type Window struct {
	Cursor, Top int
	Height      int // rows in sight
	Count       int
}

// margin is how many rows stay in sight beyond the cursor.
const margin = 2

// Fit tells the window what it looks at, and keeps the cursor in sight.
func (w *Window) Fit(count, height int) {
	w.Count, w.Height = count, max(height, 1)
	w.Move(0)
}

// Move moves the cursor by so many rows.
func (w *Window) Move(by int) { w.Go(w.Cursor + by) }

// Go moves the cursor to a row.
func (w *Window) Go(row int) {
	w.Cursor = max(min(row, w.Count-1), 0)
	keep := min(margin, (w.Height-1)/2)
	if w.Cursor < w.Top+keep {
		w.Top = w.Cursor - keep
	}
	if w.Cursor >= w.Top+w.Height-keep {
		w.Top = w.Cursor - w.Height + 1 + keep
	}
	w.clamp()
}

// Keep moves the cursor to a row that was another one before, and what is in
// sight along with it: on the screen the row stays where it is.
func (w *Window) Keep(row int) {
	w.Top += row - w.Cursor
	w.clamp()
	w.Go(row)
}

// Scroll moves what is in sight, and the cursor only as far as it must.
func (w *Window) Scroll(by int) {
	w.Top += by
	w.clamp()
	w.Cursor = max(min(w.Cursor, w.Top+w.Height-1, w.Count-1), w.Top, 0)
}

func (w *Window) clamp() { w.Top = max(min(w.Top, w.Count-w.Height), 0) }

// Rows returns the rows in sight: from, and one past the last.
func (w *Window) Rows() (from, to int) { return w.Top, min(w.Top+w.Height, w.Count) }
