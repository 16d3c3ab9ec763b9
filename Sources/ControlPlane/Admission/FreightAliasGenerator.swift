/// Makes names for Freight that people can remember and say.
struct FreightAliasGenerator: Sendable {
    private static let adjectives = [
        "agile", "amber", "ample", "arctic", "autumn", "azure", "balmy", "bold", "brave", "brisk", "bronze", "calm",
        "candid", "cheery", "clever", "coral", "cosmic", "cozy", "crimson", "crisp", "daring", "dapper", "eager",
        "early", "easy", "emerald", "fabled", "fair", "fleet", "fond", "frosty", "gentle", "gilded", "glad", "golden",
        "grand", "hardy", "hazel", "honest", "humble", "icy", "ivory", "jolly", "jovial", "keen", "kind", "lively",
        "loyal", "lucid", "lunar", "mellow", "merry", "misty", "modest", "neat", "nimble", "noble", "olive", "opal",
        "patient", "placid", "plucky", "polar", "proud", "quick", "quiet", "ready", "rosy", "royal", "ruby", "sage",
        "salty", "sandy", "scarlet", "serene", "sharp", "shiny", "silent", "silver", "smooth", "snowy", "solar",
        "sprightly", "stately", "steady", "sturdy", "sunny", "swift", "tidal", "tidy", "tranquil", "vivid", "warm",
        "whimsical", "wise", "witty", "zesty",
    ]
    private static let nouns = [
        "albatross", "alpaca", "anchor", "antelope", "badger", "barge", "beacon", "bison", "bobcat", "brook", "canoe",
        "caravel", "cedar", "clipper", "cobra", "comet", "condor", "coyote", "crane", "cutter", "dolphin", "dory",
        "dragonfly", "eagle", "egret", "falcon", "ferry", "finch", "frigate", "galleon", "gannet", "gazelle", "gecko",
        "glacier", "grouse", "harbor", "hawk", "heron", "ibex", "iguana", "island", "jackal", "jaguar", "kayak",
        "ketch", "kestrel", "koala", "lagoon", "lantern", "lemur", "lighthouse", "lynx", "mackerel", "magpie",
        "mallard",
        "manatee", "maple", "marlin", "meadow", "mongoose", "narwhal", "newt", "ocelot", "orca", "osprey", "otter",
        "panther", "pelican", "petrel", "pier", "plover", "puffin", "quail", "raven", "reef", "robin", "rudder",
        "sailor",
        "salmon", "schooner", "seal", "sextant", "sloop", "sparrow", "starling", "stork", "swallow", "tanager", "tern",
        "thistle", "toucan", "trawler", "turtle", "walrus", "whale", "wombat", "wren", "yawl",
    ]

    /// An adjective and a noun with a hyphen between them.
    func next() -> String {
        "\(Self.adjectives.randomElement() ?? "plain")-\(Self.nouns.randomElement() ?? "crate")"
    }
}
