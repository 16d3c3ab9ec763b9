import Testing

extension Tag {
    /// Needs processes or programs of the machine.
    @Tag static var integration: Self
}
