using MailOperator.Api;

namespace MailOperator.Backends;

/// <summary>Makes the backend for one key of a MailBackend's spec. One driver per kind of mail system.</summary>
internal interface IMailBackendDriver
{
    /// <summary>Name of its key in the spec.</summary>
    string Key { get; }

    /// <summary>
    /// The servers of a public mail system, for specs without <c>spec.client</c>; null for all others.
    /// </summary>
    ClientSpec? PublicClient { get; }

    /// <summary>This driver's part of the spec; null if the spec is for another driver.</summary>
    object? SpecOf(MailBackendSpec spec);

    /// <summary>What is wrong with that part, as sentences for its author.</summary>
    IEnumerable<string> Validate(MailBackendSpec spec);

    IMailBackend Create(MailBackendSpec spec);
}
