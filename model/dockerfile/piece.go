package dockerfile

import "sort"

// Piece is a stretch of the text: an instruction, or what stands between two.
type Piece struct {
	Instruction int // index in File.Instructions; −1 is comments and blank lines
	Text        string
}

// Pieces parts the text. Put together again they are the text, byte for byte.
func (f *File) Pieces() []Piece {
	var all []Piece
	at := 0
	for n, i := range f.Instructions {
		if i.Start > at {
			all = append(all, Piece{-1, f.Text[at:i.Start]})
		}
		all = append(all, Piece{n, f.Raw(n)})
		at = i.End
	}
	if at < len(f.Text) {
		all = append(all, Piece{-1, f.Text[at:]})
	}
	return all
}

// Raw returns an instruction as it stands in the text, the end of its last line
// included.
func (f *File) Raw(i int) string { return f.Text[f.Instructions[i].Start:f.Instructions[i].End] }

// At returns the index of the instruction that a line belongs to, or −1.
func (f *File) At(line int) int {
	n := sort.Search(len(f.Instructions), func(i int) bool { return f.Instructions[i].Last >= line })
	if n == len(f.Instructions) || f.Instructions[n].Line > line {
		return -1
	}
	return n
}

// StageOf returns the stage of an instruction; nil before the first FROM.
func (f *File) StageOf(i int) *Stage {
	if s := f.Instructions[i].Stage; s >= 0 {
		return &f.Stages[s]
	}
	return nil
}
