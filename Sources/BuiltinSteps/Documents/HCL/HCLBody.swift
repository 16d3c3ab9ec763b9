/// What stands in an HCL file or in a block of one.
struct HCLBody {
    /// A named value.
    struct Attribute {
        let name: String
        /// Where its expression stands.
        let value: Range<Int>
    }

    /// A body with a type and labels: `resource "aws_instance" "web" { … }`.
    struct Block {
        let type: String
        let labels: [String]
        let body: HCLBody
    }

    var attributes: [Attribute] = []
    var blocks: [Block] = []
}
