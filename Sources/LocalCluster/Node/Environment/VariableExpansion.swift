extension String {
    /// The text with each `$(NAME)` replaced by the variable's value; one that is not known stays as it is, and `$$`
    /// stands for `$`, as Kubernetes has it for commands, arguments and environment variables.
    func expandingVariables(_ value: (String) -> String?) -> String {
        var result: [UInt8] = []
        var rest = Array(utf8)[...]
        let dollar = UInt8(ascii: "$")
        while let position = rest.firstIndex(of: dollar) {
            result += rest[..<position]
            rest = rest[(position + 1)...]
            switch rest.first {
            case dollar:
                result.append(dollar)
                rest = rest.dropFirst()
            case UInt8(ascii: "("):
                guard let end = rest.firstIndex(of: UInt8(ascii: ")")) else {
                    result.append(dollar)
                    break
                }
                let reference = rest[...end]
                let name = String(decoding: reference.dropFirst().dropLast(), as: UTF8.self)
                if let value = value(name) {
                    result += value.utf8
                } else {
                    result.append(dollar)
                    result += reference
                }
                rest = rest[(end + 1)...]
            default:
                result.append(dollar)
            }
        }
        return String(decoding: result + rest, as: UTF8.self)
    }
}
