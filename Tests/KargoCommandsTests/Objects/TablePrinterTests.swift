import KargoCore
import KubernetesClient
import Testing

@testable import KargoCommands

@Suite("Tables of objects")
struct TablePrinterTests {
    private let columns = [
        APITable.Column(name: "Name"), APITable.Column(name: "Phase"), APITable.Column(name: "Node", priority: 1),
        APITable.Column(name: "Age"),
    ]

    private func row(_ cells: JSONValue...) -> APITable.Row {
        APITable.Row(cells: cells, object: ["metadata": ["namespace": "demo"]])
    }

    private var table: APITable {
        APITable(columns: columns, rows: [row("a", "Running", "n1", "5s"), row("long-name", .null, "n2", 7)])
    }

    @Test func `shows the columns that are always shown`() {
        var printer = TablePrinter()
        #expect(
            printer.text(table) == """
                NAME        PHASE     AGE
                a           Running   5s
                long-name   <none>    7

                """
        )
    }

    @Test func `shows all columns and the namespace when asked`() {
        var printer = TablePrinter(isWide: true, showsNamespace: true, hasHeadings: false)
        #expect(
            printer.text(table) == """
                demo   a           Running   n1   5s
                demo   long-name   <none>    n2   7

                """
        )
    }

    @Test func `keeps the columns in place as rows come`() {
        var printer = TablePrinter()
        _ = printer.text(table)
        #expect(
            printer.text(APITable(columns: [], rows: [row("b", "Failed", "n", "1s")])) == "b           Failed    1s\n"
        )
    }

    @Test func `prints headings with the first row`() {
        var printer = TablePrinter()
        #expect(printer.text(APITable(columns: columns, rows: [])) == "")
        #expect(printer.text(APITable(columns: [], rows: [row("b", "x", "n", "1s")])).hasPrefix("NAME   PHASE   AGE\n"))
    }

    @Test func `bears rows that do not fit the columns`() {
        var printer = TablePrinter()
        #expect(printer.text(APITable(columns: columns, rows: [row("a"), row()])) == "NAME   PHASE   AGE\na\n\n")
    }
}
