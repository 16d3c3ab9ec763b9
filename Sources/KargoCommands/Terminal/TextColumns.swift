/// Lines of cells below one another.
package struct TextColumns {
    /// What stands between two columns.
    private static let gap = "   "

    private var widths: [Int] = []

    /// Makes columns of which nothing is known yet.
    package init() {}

    /// The lines of rows; a column is as wide as its widest cell, in these rows or in earlier ones.
    package mutating func lines(_ rows: [[String]]) -> [String] {
        let rows = rows.map { $0.map(\.printable) }
        for row in rows {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], cell.columns)
            }
        }
        return rows.map { row in
            let last = row.lastIndex { !$0.isEmpty }
            return row.enumerated()
                .prefix(last.map { $0 + 1 } ?? 0)
                .map { column, cell in column == last ? cell : cell.padded(to: widths[column]) }
                .joined(separator: Self.gap)
        }
    }
}
