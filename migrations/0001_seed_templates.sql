-- The two templates that the catalogue ships with (docs/contracts/crazygoldfish.md, "Template catalogue"). Their ids are
-- fixed, so that a client may write them down.
INSERT INTO `templates` (`id`, `name`, `display_name`, `description`) VALUES
	('01940000-0000-7000-8000-000000000001', 'assignment_answer_sheet_extraction', 'Assignment Answer Sheet Extraction', 'An answer sheet of an assignment was extracted.'),
	('01940000-0000-7000-8000-000000000002', 'assignment_model_answer_sheet_extraction', 'Assignment Model Answer Sheet Extraction', 'A model answer sheet of an assignment was extracted.');
