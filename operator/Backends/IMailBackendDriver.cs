using MailOperator.Api;

namespace MailOperator.Backends;

/// <summary>Makes the backend that one key of a MailBackend's spec describes. One per kind of mail system.</summary>
internal interface IMailBackendDriver
{
    /// <summary>Name of its key in the spec.</summary>
    string Key { get; }

    /// <summary>The part of the spec that is this driver's, or null if it is for another.</summary>
    object? SpecOf(MailBackendSpec spec);

    /// <summary>What is wrong with that part, in sentences for the person who wrote it.</summary>
    IEnumerable<string> Validate(MailBackendSpec spec);

    IMailBackend Create(MailBackendSpec spec);
}
