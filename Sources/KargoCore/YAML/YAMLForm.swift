/// What a value is in YAML, one level deep.
enum YAMLForm<Value> {
    /// A number, a Boolean, a date or `null`: text that means what it should without quotes.
    case plain(String)
    /// Text, which gets quotes where it would be read as something else.
    case string(String)
    case list([Value])
    /// Keys with their values, in the order in which they are written.
    case mapping([(key: Value, value: Value)])
}

/// A value that can be written as YAML.
///
/// Only one level is laid open at a time, for a value that holds one list in many places can be far larger written down
/// than in memory.
protocol YAMLWritable {
    /// Why a value can't be written.
    associatedtype Failure: Error

    /// What the value is in YAML.
    func yamlForm(_ layout: YAMLLayout) throws(Failure) -> YAMLForm<Self>
}
